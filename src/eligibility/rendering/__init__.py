"""Printers: from documents to text, Markdown, HTML and JSON. They know documents only: a stored one prints like a fresh one.

blocks.py     the parts of an outline: headings, paragraphs, items, tables and charts
outline.py    what stands where in a report; tree.py: in an explanation
timeline.py   in a timeline; likewise remedies.py, sensitivity.py, comparison.py and verification.py
text.py       an outline as plain or coloured text of a given width
markdown.py   an outline as Markdown
html.py       an outline as a page; elements.py, glance.py, bars.py, chart.py, page.py and page.css are its parts
json.py       a document as JSON text
"""
