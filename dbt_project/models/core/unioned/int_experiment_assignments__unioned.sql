{{ union_entity('experiment_assignments') }}
