"""`hp demo`: the main job shown, from nothing."""
