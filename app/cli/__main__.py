"""`python -m app.cli` is `backflip`."""

from app.cli import main

if __name__ == "__main__":
    main()
