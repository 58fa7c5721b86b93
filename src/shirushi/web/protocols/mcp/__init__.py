"""The Model Context Protocol: what agents may find, read and propose, over one address that keeps no sessions."""
