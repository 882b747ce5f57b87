package parse

import "github.com/tidwall/gjson"

// StoredSecret is what podman tells of one of its secrets. Its value is never read.
type StoredSecret struct {
	ID      string            `json:"id"` // the first 12 characters
	Name    string            `json:"name"`
	Driver  string            `json:"driver,omitempty"`
	Created string            `json:"created,omitempty"`
	Updated string            `json:"updated,omitempty"` // left out where it is the time of creation
	Labels  map[string]string `json:"labels,omitempty"`  // secrets masked
}

// SecretNames reads podman secret ls --format {{json .}}, and gives names in podman's order. The rest of a row
// stands in [StoredSecrets] too, and there with times that are times and not "3 minutes ago".
func SecretNames(out []byte) ([]string, error) {
	list := []string{}
	err := eachRow("a list of secrets", out, func(row gjson.Result) {
		list = append(list, clean(row.Get("Name")))
	})
	for _, name := range list {
		if name == "" && err == nil {
			err = OutputInvalidError("a list of secrets", out, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// StoredSecrets reads podman secret inspect. A secret's driver has options, which may hold secrets, and with an
// option of podman 4.7 and newer the value stands there as well: neither is looked at.
func StoredSecrets(out []byte) ([]StoredSecret, error) {
	list := []StoredSecret{}
	err := eachRow("inspected secrets", out, func(row gjson.Result) {
		s := StoredSecret{
			ID:      short(clean(row.Get("ID"))),
			Name:    clean(row.Get("Spec.Name")),
			Driver:  clean(row.Get("Spec.Driver.Name")),
			Created: inspectTime(row.Get("CreatedAt").Str),
			Updated: inspectTime(row.Get("UpdatedAt").Str),
			Labels:  boundMap(maskLabels(textMap(row.Get("Spec.Labels")))),
		}
		if s.Updated == s.Created {
			s.Updated = ""
		}
		list = append(list, s)
	})
	for _, s := range list {
		if s.Name == "" && err == nil {
			err = OutputInvalidError("inspected secrets", out, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}
