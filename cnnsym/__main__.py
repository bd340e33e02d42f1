"""`python -m cnnsym` is the command `cnnsym`."""

from cnnsym.cli import main

if __name__ == "__main__":  # processes that check claims import this file again
    main()
