"""The commands: what people and scripts type, and what they get back."""
