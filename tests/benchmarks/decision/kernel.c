// The decision for many profiles: for each law the outcome of each row, 1 met, 0 unknown, -1 not met; or all its thirteen truths,
// in the order of the criteria, of each truth the bits of the rows that meet it and the bits of those that do not.
// A block of rows stays in the cache while all laws go over it; each line of a law is one loop that a compiler turns into vectors.
// Unknown numbers are not a number, unknown codes 255, unknown truths 2; the tables of a law have 256 places.
#include <stdint.h>
#include <string.h>
#ifdef __AVX512BW__
#include <immintrin.h>
#endif

#define BLOCK 2048
#define EACH for (int i = 0; i < m; i++)

typedef struct {
    const double *salary, *hours, *age, *english, *funds;
    const uint8_t *nationality, *job, *rating, *stem, *relevant, *entrant, *shortage, *certified;
} columns;

typedef struct {
    double threshold[5], share[5], young_until, least_english, least_funds;
    const double *rate;      // by job, not a number where there is none
    const uint8_t *job, *nationality;  // 1 listed, 0 not listed, 2 unknown
} law;

static void of_law(const columns *c, const law *l, long o, int m, int8_t *out) {
    uint8_t met[BLOCK], failed[BLOCK], some[BLOCK], none[BLOCK];
    double need[BLOCK], pay[BLOCK];
    const double *salary = c->salary + o;
    EACH { met[i] = c->rating[o + i] == 0; failed[i] = (c->rating[o + i] != 0) & (c->rating[o + i] != 255); }
    EACH { uint8_t job = l->job[c->job[o + i]]; met[i] &= job == 1; failed[i] |= job == 0; }
    EACH { uint8_t listed = l->nationality[c->nationality[o + i]]; some[i] = listed == 1; none[i] = listed == 0; }
    EACH { some[i] |= c->english[o + i] >= l->least_english; none[i] &= c->english[o + i] < l->least_english; }
    EACH { met[i] &= some[i]; failed[i] |= none[i]; }
    EACH { some[i] = c->certified[o + i] == 1; none[i] = c->certified[o + i] == 0; }
    EACH { some[i] |= c->funds[o + i] >= l->least_funds; none[i] &= c->funds[o + i] < l->least_funds; }
    EACH { met[i] &= some[i]; failed[i] |= none[i]; }
    EACH need[i] = l->rate[c->job[o + i]] * c->hours[o + i];
    EACH pay[i] = salary[i] * 3750;
    EACH { some[i] = (salary[i] >= l->threshold[0]) & (pay[i] >= l->share[0] * need[i]); }
    EACH { none[i] = (salary[i] < l->threshold[0]) | (pay[i] < l->share[0] * need[i]); }
    const uint8_t *granted[3] = {c->relevant, c->stem, c->shortage};
    for (int k = 0; k < 3; k++) {
        const uint8_t *holds = granted[k] + o;
        double threshold = l->threshold[k + 1], share = l->share[k + 1];
        EACH some[i] |= (holds[i] == 1) & (salary[i] >= threshold) & (pay[i] >= share * need[i]);
        EACH none[i] &= (holds[i] == 0) | (salary[i] < threshold) | (pay[i] < share * need[i]);
    }
    EACH some[i] |= ((c->age[o + i] < l->young_until) | (c->entrant[o + i] == 1)) & (salary[i] >= l->threshold[4]) & (pay[i] >= l->share[4] * need[i]);
    EACH none[i] &= ((c->age[o + i] >= l->young_until) & (c->entrant[o + i] == 0)) | (salary[i] < l->threshold[4]) | (pay[i] < l->share[4] * need[i]);
    EACH { met[i] &= some[i]; failed[i] |= none[i]; }
    EACH out[o + i] = met[i] - failed[i];
}

void decide(const columns *c, const law *laws, int count, int8_t **out, long first, long last, long width) {
    (void)width;
    for (long o = first; o < last; o += BLOCK)
        for (int k = 0; k < count; k++)
            of_law(c, laws + k, o, last - o < BLOCK ? (int)(last - o) : BLOCK, out[k]);
}

// Bytes of 0 and 1 to bits. What stands behind the last row of a block is packed too: nobody reads it.
static void packed(const uint8_t *bytes, int m, uint8_t *bits) {
    for (int i = 0; i < m; i += 64) {
#ifdef __AVX512BW__
        __m512i each = _mm512_loadu_si512(bytes + i);
        uint64_t word = _mm512_test_epi8_mask(each, each);
        memcpy(bits + i / 8, &word, 8);
#else
        for (int k = 0; k < 8; k++) {
            uint64_t eight;
            memcpy(&eight, bytes + i + 8 * k, 8);
            bits[i / 8 + k] = eight * 0x0102040810204080u >> 56;
        }
#endif
    }
}

#define OUT(truth, one, two) { packed(one, m, out + (2 * (truth)) * width + o / 8); packed(two, m, out + (2 * (truth) + 1) * width + o / 8); }
#define KEEP(truth) OUT(truth, yes, no)
#define AND EACH { met[i] &= yes[i]; failed[i] |= no[i]; }
#define OR EACH { some[i] |= yes[i]; none[i] &= no[i]; }

static void all_of_law(const columns *c, const law *l, long o, int m, uint8_t *out, long width) {
    uint8_t yes[BLOCK], no[BLOCK], met[BLOCK], failed[BLOCK], some[BLOCK], none[BLOCK];
    double need[BLOCK], pay[BLOCK];
    const double *salary = c->salary + o;
    EACH { met[i] = c->rating[o + i] == 0; failed[i] = (c->rating[o + i] != 0) & (c->rating[o + i] != 255); }
    OUT(0, met, failed)
    EACH { uint8_t job = l->job[c->job[o + i]]; yes[i] = job == 1; no[i] = job == 0; }
    KEEP(1) AND
    EACH { some[i] = c->english[o + i] >= l->least_english; none[i] = c->english[o + i] < l->least_english; }
    OUT(2, some, none)
    EACH { uint8_t listed = l->nationality[c->nationality[o + i]]; yes[i] = listed == 1; no[i] = listed == 0; }
    KEEP(3) OR
    OUT(4, some, none)
    EACH { met[i] &= some[i]; failed[i] |= none[i]; }
    EACH { yes[i] = c->certified[o + i] == 1; no[i] = c->certified[o + i] == 0; }
    EACH { yes[i] |= c->funds[o + i] >= l->least_funds; no[i] &= c->funds[o + i] < l->least_funds; }
    KEEP(5) AND
    EACH need[i] = l->rate[c->job[o + i]] * c->hours[o + i];
    EACH pay[i] = salary[i] * 3750;
    EACH { some[i] = (salary[i] >= l->threshold[0]) & (pay[i] >= l->share[0] * need[i]); }
    EACH { none[i] = (salary[i] < l->threshold[0]) | (pay[i] < l->share[0] * need[i]); }
    OUT(6, some, none)
    const uint8_t *granted[3] = {c->relevant, c->stem, c->shortage};
    for (int k = 0; k < 3; k++) {
        const uint8_t *holds = granted[k] + o;
        double threshold = l->threshold[k + 1], share = l->share[k + 1];
        EACH yes[i] = (holds[i] == 1) & (salary[i] >= threshold) & (pay[i] >= share * need[i]);
        EACH no[i] = (holds[i] == 0) | (salary[i] < threshold) | (pay[i] < share * need[i]);
        KEEP(7 + k) OR
    }
    EACH yes[i] = ((c->age[o + i] < l->young_until) | (c->entrant[o + i] == 1)) & (salary[i] >= l->threshold[4]) & (pay[i] >= l->share[4] * need[i]);
    EACH no[i] = ((c->age[o + i] >= l->young_until) & (c->entrant[o + i] == 0)) | (salary[i] < l->threshold[4]) | (pay[i] < l->share[4] * need[i]);
    KEEP(10) OR
    OUT(11, some, none)
    EACH { met[i] &= some[i]; failed[i] |= none[i]; }
    OUT(12, met, failed)
}

// `width` bytes hold the bits of all rows.
void decide_all(const columns *c, const law *laws, int count, uint8_t **out, long first, long last, long width) {
    for (long o = first; o < last; o += BLOCK)
        for (int k = 0; k < count; k++)
            all_of_law(c, laws + k, o, last - o < BLOCK ? (int)(last - o) : BLOCK, out[k], width);
}
