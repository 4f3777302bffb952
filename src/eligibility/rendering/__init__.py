"""Printers: from documents to text, Markdown, HTML and JSON. They know documents only: a stored one prints like a fresh one.

blocks.py     the parts of an outline: headings, paragraphs, items and tables
outline.py    what stands where in a report; tree.py: in an explanation
text.py       an outline as plain or coloured text of a given width
markdown.py   an outline as Markdown
html.py       an outline as a page; elements.py, bars.py, page.py and page.css are its parts
json.py       a document as JSON text
"""
