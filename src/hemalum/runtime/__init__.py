"""What a node runs on: settings, database, blobs, jobs, HTTP, sandboxed workers."""
