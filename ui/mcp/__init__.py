"""The door for AI clients: the Model Context Protocol over HTTP, to read, draft and plan."""
