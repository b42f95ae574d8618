package survey

func readApache(r *reading) []place { return nil }
