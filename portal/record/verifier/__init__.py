"""The stand-alone verifier: `candour_verify.py` is one file that needs nothing of the portal, and is given away with every export."""
