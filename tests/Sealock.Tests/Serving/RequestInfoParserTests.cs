// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Objects;
using Sealock.Api.Serving;

namespace Sealock.Tests.Serving;

public sealed class RequestInfoParserTests
{
    /// <summary>Request line and what kube-apiserver reads in it: verb, group, version, namespace, resource, subresource, name, rest.</summary>
    public static TheoryData<string, string, string> Cases { get; } = new()
    {
        { "GET", "/api/v1/namespaces", "list||v1||namespaces|||" },
        { "GET", "/api/v1/namespaces/other", "get||v1|other|namespaces||other|" },
        { "GET", "/api/v1/namespaces/other/pods", "list||v1|other|pods|||" },
        { "GET", "/api/v1/namespaces/other/pods/foo", "get||v1|other|pods||foo|" },
        { "HEAD", "/api/v1/namespaces/other/pods/foo", "get||v1|other|pods||foo|" },
        { "GET", "/api/v1/pods", "list||v1||pods|||" },
        { "HEAD", "/api/v1/pods", "list||v1||pods|||" },
        { "GET", "/api/v1/watch/pods", "watch||v1||pods|||" },
        { "GET", "/api/v1/pods?watch=true", "watch||v1||pods|||" },
        { "GET", "/api/v1/pods?watch=1", "watch||v1||pods|||" },
        { "GET", "/api/v1/pods?watch", "watch||v1||pods|||" },
        { "GET", "/api/v1/pods?watch=false", "list||v1||pods|||" },
        { "GET", "/api/v1/pods?watch=0", "list||v1||pods|||" },
        { "GET", "/api/v1/watch/namespaces/other/pods", "watch||v1|other|pods|||" },
        { "GET", "/api/v1/watch/namespaces/other/pods/foo", "watch||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods/foo?watch=true", "get||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo", "list||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3D%3Dfoo&watch=1", "watch||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name!%3Dfoo", "list||v1|other|pods|||" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=a%3Db,metadata.name%3Dfoo", "list||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3Dfoo/bar", "list||v1|other|pods|||" },
        { "GET", "/api/v1/namespaces/other/pods?fieldSelector=metadata.name%3D..", "list||v1|other|pods|||" },
        { "GET", @"/api/v1/pods?fieldSelector=spec.x%3Da%5C,metadata.name%3Dfoo", "list||v1||pods|||" },
        { "DELETE", "/api/v1/namespaces/other/pods/foo", "delete||v1|other|pods||foo|" },
        { "DELETE", "/api/v1/namespaces/other/pods", "deletecollection||v1|other|pods|||" },
        { "POST", "/api/v1/namespaces/other/pods", "create||v1|other|pods|||" },
        { "PUT", "/api/v1/namespaces/other/pods/foo", "update||v1|other|pods||foo|" },
        { "PATCH", "/api/v1/namespaces/other/pods/foo", "patch||v1|other|pods||foo|" },
        { "OPTIONS", "/api/v1/namespaces/other/pods/foo", "||v1|other|pods||foo|" },
        { "GET", "/api/v1/namespaces/other/pods/foo/status", "get||v1|other|pods|status|foo|" },
        { "GET", "/api/v1/namespaces/other/pods/foo/proxy/sub/path", "get||v1|other|pods|proxy|foo|sub/path" },
        { "GET", "/api/v1/proxy/namespaces/other/pods/foo/x", "proxy||v1|other|pods||foo|x" },
        { "PUT", "/api/v1/namespaces/other/finalize", "update||v1|other|namespaces|finalize|other|" },
        { "PATCH", "/api/v1/namespaces/other/status", "patch||v1|other|namespaces|status|other|" },
        { "GET", "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/approval", "get|certificates.k8s.io|v1||certificatesigningrequests|approval|x|" },
        { "GET", "/apis/extensions/v1beta3/namespaces/other/pods", "list|extensions|v1beta3|other|pods|||" },
        { "POST", "/api/v1/namespaces/other/serviceaccounts/x/token", "create||v1|other|serviceaccounts|token|x|" },
        { "GET", "/api/v1/namespaces/a%20b/pods", "list||v1|a b|pods|||" },
        { "GET", "/api/v1//pods", "get||v1||||pods|" },
    };

    public static TheoryData<string, string> NoResource { get; } = new()
    {
        { "GET", "/" },
        { "GET", "/api" },
        { "GET", "/api/" },
        { "GET", "/api/v1" },
        { "GET", "/api/v1/" },
        { "GET", "/apis" },
        { "GET", "/apis/apps" },
        { "GET", "/apis/apps/v1" },
        { "POST", "/healthz" },
        { "GET", "/openapi/v3/api/v1" },
        { "GET", "/apix/v1/pods/foo" },
    };

    public static TheoryData<string> Ambiguous { get; } =
    [
        "/api/v1/namespaces/a%2Fb/pods",
        "/api/v1/namespaces/a%2fb/pods",
        "/api/v1/namespaces/../secrets",
        "/api/v1/namespaces/%2e%2e/secrets",
        "/api/v1/namespaces/./secrets",
        "/api/v1/namespaces/a/..",
        @"/api/v1/namespaces/a\b",
        "/api/v1/namespaces/a%5Cb",
        "/api/v1/namespaces/a%00b",
        "/api/v1/namespaces/a%0Ab",
        "/api/v1/namespaces/a%ff",
        "/api/v1/namespaces/a%zz",
        "/api/v1/namespaces/a%2",
        "api/v1",
        "",
        "/api/v1/watch",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_resource_request_is_read_as_kube_apiserver_reads_it(string method, string target, string expected)
    {
        var info = Parse(method, target);

        Assert.True(info.IsResource);
        Assert.Equal(
            expected,
            string.Join('|', info.Verb, info.Group, info.Version, info.Namespace, info.Resource, info.Subresource, info.Name, info.Rest));
    }

    [Theory]
    [MemberData(nameof(NoResource))]
    public void Other_paths_are_no_resources(string method, string path)
    {
        var info = Parse(method, path);

        Assert.False(info.IsResource);
        Assert.Equal(method.ToLowerInvariant(), info.Verb);
        Assert.Equal(path, info.Path);
    }

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public void A_path_that_two_readers_could_read_differently_is_refused(string path) =>
        Assert.Equal(400, Assert.Throws<ApiException>(() => Parse("GET", path)).Code);

    [Fact]
    public void Whatever_is_sent_is_read_or_refused_and_never_crosses_a_segment()
    {
        var pieces = Gen.Elements(
            "/", "api", "apis", "v1", "namespaces", "watch", "proxy", "status", "x", "..", ".", "%2F", "%2e", "%", "%41", "é", "%C3%A9", "//", "\\");
        var paths = Gen.ListOf(pieces).Select(parts => "/" + string.Concat(parts)).ToArbitrary();
        Prop.ForAll(paths, path =>
        {
            try
            {
                var info = Parse("GET", path);
                return !info.Name.Contains('/') && !info.Namespace.Contains('/') && info.Name is not (".." or ".")
                    && info.Path.Count('/') == path.Count('/');
            }
            catch (ApiException refused)
            {
                return refused.Code == 400;
            }
        }).QuickCheckThrowOnFailure();
    }

    private static RequestInfo Parse(string method, string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0
            ? RequestInfoParser.Parse(method, target, QueryParameters.Empty)
            : RequestInfoParser.Parse(method, target[..question], QueryParameters.Parse(target.AsSpan(question)));
    }
}
