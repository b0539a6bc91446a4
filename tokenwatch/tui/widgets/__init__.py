"""What screens are made of. Widgets get values and send messages; they fetch nothing."""
