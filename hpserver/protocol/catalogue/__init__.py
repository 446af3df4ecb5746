"""The messages, by topic. `hpserver.protocol.messages` gathers them; import from there."""
