"""The interactive pieces of the pages, one module each: markup that says something without a script as well.

Every module has `markup(lang)`: the piece as it first looks, its numbers from the reference layers, with its words and data
for the script of the same name in assets/javascripts/widgets.
"""
