"""What curators do with an app's annotations: list, change, undo, look after."""
