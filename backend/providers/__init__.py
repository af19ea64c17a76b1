"""One module per provider family; :mod:`.registry` knows them all."""
