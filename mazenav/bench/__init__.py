"""Speed, side by side: mazenav, its peers where they are installed, and a C reference where there is a compiler."""
