"""Plain Python that computes official numbers: frozen dataclasses in, frozen dataclasses out."""
