"""What figures are drawn with: sheets of SVG, grids of cells, axes with curves, and gray images."""
