"""One file a schema; its name is v and the revision, then what it brought."""
