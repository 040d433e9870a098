"""Running jobs: threads that claim, run and finish them."""
