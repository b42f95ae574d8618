package explain

import "fmt"

// A supposition is what would become of a request that was not sent, if it were
// answered as GET is.
type supposition struct{ *inquiry }

// suppose returns nil where there is nothing to go by.
func (i *inquiry) suppose() *supposition {
	get := i.find(originGet)
	if get == nil || !wasWithheld(&i.verdict) || i.verdict.Failure.Hop > 0 {
		return nil
	}
	p := i.replay.clone()
	head := emptyHead()
	head.Status, head.Header = get.status, get.header
	p.replies[turn{}] = &reply{head: head}
	supposed := *i
	supposed.verdict = p.run(i.profile, i.q.Request)
	supposed.replay = p
	return &supposition{&supposed}
}

func (s *supposition) says() string {
	method := s.call().Method
	if s.verdict.OK() {
		return fmt.Sprintf("; if the %s is answered as GET is, the page may read it", method)
	}
	return fmt.Sprintf("; if the %s is answered as GET is, the page may not read it", method)
}
