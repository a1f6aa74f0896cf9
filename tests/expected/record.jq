# A run as it stands in an expected result: the state and a line for each step, in their order.
(if .state then "state \(.state | tojson)" else empty end),
(.steps[] | "\(.id): \(.status) \(.output | tojson)")
