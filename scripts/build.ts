// Placeholder until the bundle is described: nothing to build yet.
