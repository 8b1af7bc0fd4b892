"""The entry of the process that fills a demonstration: `python -m deploy.demo HOME PARENT`."""

import sys

from deploy.loading import loading

with loading():
    from deploy.demo.seeding import main

if __name__ == "__main__":
    sys.exit(main())
