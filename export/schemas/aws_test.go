package schemas

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	gateway "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	bucket "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/corsac-cors/corsac/export"
	"github.com/corsac-cors/corsac/internal/cases"
)

// TestS3 has AWS's client send what is written: the client validates it by
// itself, and what arrives says the same.
func TestS3(t *testing.T) {
	t.Parallel()
	each(t, "s3", func(t *testing.T, _ cases.Policy, e export.Export) {
		var want bucket.CORSConfiguration
		strictly(t, e.Text(), &want)
		var got struct {
			Rules []struct {
				ID             string
				AllowedOrigins []string `xml:"AllowedOrigin"`
				AllowedMethods []string `xml:"AllowedMethod"`
				AllowedHeaders []string `xml:"AllowedHeader"`
				ExposeHeaders  []string `xml:"ExposeHeader"`
				MaxAgeSeconds  *int32
			} `xml:"CORSRule"`
		}
		sent := sentTo(t, func(url string) error {
			client := s3.New(s3.Options{Region: "eu-central-1", BaseEndpoint: &url, UsePathStyle: true, Credentials: aws.AnonymousCredentials{}})
			_, err := client.PutBucketCors(t.Context(), &s3.PutBucketCorsInput{Bucket: aws.String("api"), CORSConfiguration: &want})
			return err
		})
		if err := xml.Unmarshal(sent, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Rules) != len(want.CORSRules) {
			t.Fatalf("%d rules were sent of %d", len(got.Rules), len(want.CORSRules))
		}
		for i, r := range got.Rules {
			w := want.CORSRules[i]
			if !slices.Equal(r.AllowedOrigins, w.AllowedOrigins) || !slices.Equal(r.AllowedMethods, w.AllowedMethods) ||
				!slices.Equal(r.AllowedHeaders, w.AllowedHeaders) || !slices.Equal(r.ExposeHeaders, w.ExposeHeaders) ||
				r.ID != *w.ID || len(r.ID) > 255 || !cmp.Equal(r.MaxAgeSeconds, w.MaxAgeSeconds) {
				t.Errorf("%+v was sent, not %+v", r, w)
			}
			for _, origin := range r.AllowedOrigins {
				if strings.Count(origin, "*") > 1 {
					t.Errorf("%q has more than one star", origin)
				}
			}
		}
	})
}

// TestAPIGateway has AWS's client send what is written. The fields have the same
// names in CloudFormation.
func TestAPIGateway(t *testing.T) {
	t.Parallel()
	each(t, "api-gateway", func(t *testing.T, _ cases.Policy, e export.Export) {
		text, err := yaml.YAMLToJSON([]byte(e.Text()))
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ CorsConfiguration gateway.Cors }
		strictly(t, string(text), &want)
		sent := sentTo(t, func(url string) error {
			client := apigatewayv2.New(apigatewayv2.Options{Region: "eu-central-1", BaseEndpoint: &url, Credentials: aws.AnonymousCredentials{}})
			_, err := client.UpdateApi(t.Context(), &apigatewayv2.UpdateApiInput{ApiId: aws.String("api"), CorsConfiguration: &want.CorsConfiguration})
			return err
		})
		var got struct{ CorsConfiguration gateway.Cors }
		if err := json.Unmarshal(sent, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flat(want.CorsConfiguration), flat(got.CorsConfiguration)); diff != "" {
			t.Errorf("what was sent (-want +got):\n%s", diff)
		}
		for _, origin := range got.CorsConfiguration.AllowOrigins {
			if origin != "*" && strings.Contains(origin, "*") {
				t.Errorf("%q has a star, which stands for every host or not at all", origin)
			}
		}
	})
}

// flat is without what makes the type incomparable.
func flat(c gateway.Cors) []any {
	return []any{c.AllowOrigins, c.AllowMethods, c.AllowHeaders, c.ExposeHeaders, c.AllowCredentials, c.MaxAge}
}

func strictly(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// sentTo is the body of the request that a client makes.
func sentTo(t *testing.T, send func(url string) error) (body []byte) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		io.WriteString(w, "{}")
	}))
	defer s.Close()
	if err := send(s.URL); err != nil {
		t.Fatal(err)
	}
	return body
}
