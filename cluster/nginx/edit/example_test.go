package edit_test

import (
	"fmt"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
)

func ExampleSetMethod() {
	tree := syntax.Scan(`upstream im {
    # the chat nodes
    server 127.0.0.1:3030;
}
`)
	edited, err := edit.SetMethod(tree, "im", nginx.Method{Name: "ip_hash"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(edited.Text())
	// Output:
	// upstream im {
	//     ip_hash;
	//     # the chat nodes
	//     server 127.0.0.1:3030;
	// }
}
