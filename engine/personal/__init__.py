"""What a person keeps for himself: scenes of his own, how he likes a list."""
