"""The figures of the note, one a module, drawn while the site is built.

A figure has three texts in both languages: `TITLE`, `ALT`, which says what is to be seen, and `CAPTION`, which says what
it means. `draw(lang)` gives its markup. What it shows is computed, by the layers of `cnnsym.reference` wherever a layer
is shown; `numbers()` gives the numbers that the texts speak of, as ``{name}``.
"""
