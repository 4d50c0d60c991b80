// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Security;
using Sealock.Api.Selectors;
using Sealock.Api.Serving;
using Sealock.Api.Yaml;
using Sealock.Tests.Protobuf;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Fuzzing;

/// <summary>Everything that the API reads of a request: path, query, selectors, tokens of lists, headers, bodies.</summary>
public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private static readonly SchemaNode[] Schemas =
    [
        .. new[] { "core.v1.Secret", "core.v1.Pod", "core.v1.Service", "certificates.v1.CertificateSigningRequest", "networking.v1.Ingress" }
            .Select(name => SchemaCatalog.Kubernetes.Get("io.k8s.api." + name)),
    ];

    private static readonly string[] Json =
    [
        .. SampleObjects.Objects.Select(sample => sample.ToJsonString()),
        """{"a":1,"a":2,"b":[1.5e-7,-0,18446744073709551616],"c":"\ud83d\ude00\u0000","d":{"e":{"f":[[[{}]]]}}}""",
    ];

    private static readonly string[] Yaml =
    [
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n  labels: {a: b, 'c': \"d\\n\"}\ndata:\n  k: dg==\n",
        "a: &x [1, 0x1f, 0o17, 1e3, .inf, .nan, ~, yes, 2026-01-01]\nb: *x\nc: |\n  text\n  more\nd: >-\n  folded\n",
        "---\n? complex\n: value\n...\n---\n!!str 12\n", "<<: {a: 1}\nb: !!binary dg==\n# comment\n\"k\\u00e9y\": 'it''s'\n", "- a\n-\n  - b\n  -\tc\n",
    ];

    [Fact]
    public void Json_bodies() => FuzzRun.Bytes<MalformedObjectException>(output, "JSON bodies", Bytes(Json), bytes =>
    {
        var schema = Schemas[bytes.Length % Schemas.Length];
        var decoded = RequestDecoding.Decode(bytes, schema, (FieldValidation)(bytes.Length % 3));
        return JsonReading.ReadObject(Encoding.UTF8.GetBytes(decoded.Object.ToJsonString())).DuplicateFields.Count == 0;
    });

    [Fact]
    public void Yaml_bodies() => FuzzRun.Texts<MalformedObjectException>(output, "YAML bodies", Yaml, text =>
        YamlReader.TryReadAll(text, out var documents, out _) && documents.All(document => document.ToJsonString().Length > 0));

    [Fact]
    public void Label_selectors() => FuzzRun.Texts<ApiException>(
        output, "label selectors", ["a=b,c!=d", "example.com/k in (a, b),!x,y", "n notin (),m>1,o < 5", "x==y , in in (in)"], text =>
        {
            if (!LabelSelector.TryParse(text, out var selector, out _))
                return false;
            Assert.Equal(selector.ToString(), LabelSelector.Parse(selector.ToString()).ToString());
            _ = selector.Matches(new Dictionary<string, string> { ["a"] = "b", ["m"] = "2" });
            return true;
        });

    [Fact]
    public void Field_selectors() => FuzzRun.Texts<ApiException>(
        output, "field selectors", ["metadata.name=x,status.phase!=Running", "a==b\\,c,d=\\=", "=,!=,", "type=Opaque\\\\"], text =>
        {
            if (!FieldSelector.TryParse(text, out var selector, out _))
                return false;
            // The same terms; those of one field may change places.
            Assert.Equal(selector.ToString().Order(), FieldSelector.Parse(selector.ToString()).ToString().Order());
            return true;
        });

    [Fact]
    public void Continue_tokens() => FuzzRun.Texts<ApiException>(
        output, "continue tokens",
        [new ContinueToken(7, "default/x").ToString(), new ContinueToken(-1, "é").ToString(), "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0", "bnVsbA"],
        text => ContinueToken.Parse(text).After.Length > 0);

    [Fact]
    public void Paths_and_queries() => FuzzRun.Texts<FormatException>(
        output, "URLs",
        ["/api/v1/namespaces/default/pods/x/log?follow=true", "/apis/apps/v1/watch/namespaces/a/b?watch=1&fieldSelector=metadata.name=x",
            "/api/v1/namespaces/x/finalize", "/api/v1/proxy/nodes/n/x%20y/../z", "/%61pi//v1/.?%=%&&a=+%2B;b", "/healthz?verbose&exclude=x"],
        text =>
        {
            var question = text.IndexOf('?', StringComparison.Ordinal);
            try
            {
                var query = question < 0 ? QueryParameters.Empty : QueryParameters.Parse(text.AsSpan(question));
                var info = RequestInfoParser.Parse("GET", question < 0 ? text : text[..question], query);
                Assert.DoesNotContain("/../", info.Path + "/", StringComparison.Ordinal);
                return info.QuestionFor(UserInfo.Anonymous).Verb.Length >= 0;
            }
            catch (ApiException refusal)
            {
                Assert.Equal(400, refusal.Code);
                return false;
            }
        });

    [Fact]
    public void Accept_headers() => FuzzRun.Texts<ApiException>(
        output, "Accept headers",
        ["application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "application/yaml;q=0.5, */*;q=1e400",
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1;charset=\"a,b;c\",application/json;q=\"\""],
        text => Negotiation.Choose(Request(accept: text)).ContentType.Length > 0);

    [Fact]
    public void Delete_options() => FuzzRun.Bytes<ApiException>(
        output, "DeleteOptions",
        Bytes("""{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"propagationPolicy":"Orphan","dryRun":["All"],"preconditions":{"uid":"u","resourceVersion":"1"}}""",
            """{"orphanDependents":true,"gracePeriodSeconds":9223372036854775807,"preconditions":null,"dryRun":"All"}"""),
        bytes => DeleteOptions.Read(Request(body: bytes)).Uid.Length > 0);

    [Fact]
    public void Kubeconfigs() => FuzzRun.Texts<FormatException>(
        output, "kubeconfigs",
        ["""
        apiVersion: v1
        kind: Config
        current-context: c
        clusters: [{name: k, cluster: {server: "https://a:6443", certificate-authority-data: dg==, tls-server-name: x, proxy-url: "http://p"}}]
        contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]
        users: [{name: u, user: {token: t, client-certificate-data: dg==, exec: {command: x, args: [a], env: [{name: A, value: b}]}, auth-provider: {name: oidc, config: {a: b}}}}]
        """, """{"clusters":[{"name":"k","cluster":{"server":"https://a","insecure-skip-tls-verify":true}}],"users":null,"preferences":{"colors":true}}"""],
        text => Kubeconfig.TryParse(text, "/tmp", out var config, out _)
            && Kubeconfig.TryParse(config.ToYaml(), "/tmp", out _, out _) && (config.TryResolve(null, out _, out _) || true));

    [Fact]
    public void Protobuf_bodies() => FuzzRun.Bytes<MalformedObjectException>(
        output, "protobuf bodies",
        [.. Sample.FromGo.Where(sample => sample.Bytes.Length < 2_000).Concat(Sample.FromKubectl).Select(sample => sample.Bytes)],
        bytes => Sample.Decode(bytes).Length > 0);

    private static ApiRequest Request(string accept = "", byte[]? body = null) => new()
    {
        Info = new RequestInfo { Method = "DELETE", Path = "/", Verb = "delete" },
        User = UserInfo.Anonymous,
        Accept = accept,
        Body = body ?? [],
    };

    private static byte[][] Bytes(params IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
