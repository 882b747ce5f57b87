package tools

import "slices"

// mostRows is how many rows of a list a result has, where what was there says how long it is and not the caller.
const mostRows = 100

// Rows counts what the lists of such a result held before they were cut to [mostRows] each.
type Rows struct {
	Total     int  `json:"total"`
	Truncated bool `json:"truncated"`
}

// A long result has such lists. What comes of a call is cut in [act], whether the call went well or not.
type long interface{ cut() }

// cut counts a list and shortens it. What good is not true of comes first then: it is what one wants to know.
func cut[T any](r *Rows, list *[]T, good func(T) bool) {
	r.Total += len(*list)
	if len(*list) <= mostRows {
		return
	}
	r.Truncated = true
	if good != nil {
		rank := map[bool]int{true: 1}
		*list = slices.Clone(*list)
		slices.SortStableFunc(*list, func(a, b T) int { return rank[good(a)] - rank[good(b)] })
	}
	*list = (*list)[:mostRows:mostRows]
}

// names cuts lists of names.
func (r *Rows) names(lists ...*[]string) {
	for _, list := range lists {
		cut(r, list, nil)
	}
}
