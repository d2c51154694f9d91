package engineio

import "net/http"

// allowOrigin adds the CORS headers that every answer to a plain
// request carries, errors included: without them a browser hides the error from its
// page. It reports whether r was a preflight, which is then answered.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	if s.cfg.CORS.Origin == "" {
		return false
	}
	h := w.Header()
	s.originHeaders(h)
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	h.Add("Vary", "Access-Control-Request-Headers")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

func (s *Server) originHeaders(h http.Header) {
	cors := s.cfg.CORS
	if cors.Origin == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", cors.Origin)
	if cors.Origin != "*" {
		h.Add("Vary", "Origin")
	}
	if cors.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}
