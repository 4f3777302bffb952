// The decision for many profiles: for each law the outcome of each row, 1 met, 0 unknown, -1 not met.
// A block of rows stays in the cache while all laws go over it; each line of a law is one loop that a compiler turns into vectors.
// Unknown numbers are not a number, unknown codes 255, unknown truths 2; the tables of a law have 256 places.
#include <stdint.h>

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

void decide(const columns *c, const law *laws, int count, int8_t **out, long first, long last) {
    for (long o = first; o < last; o += BLOCK)
        for (int k = 0; k < count; k++)
            of_law(c, laws + k, o, last - o < BLOCK ? (int)(last - o) : BLOCK, out[k]);
}
