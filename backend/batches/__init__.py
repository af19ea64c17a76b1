"""Many requests from one file, made once however often it is run.

``reading`` turns a file into rows of cells, ``variables`` fills ``{{blanks}}`` and multiplies, ``rows``
checks every row against its operation, ``plan`` holds them against what the ledger has of this batch,
``recording`` puts what is missing on disk at once, ``following`` watches it under ``limits``, ``results``
writes what came of each row, ``folder`` finds the files that appear in a folder.

What was made is known from the ledger alone: a task carries its batch's name and its row's identity.
"""
