// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;

namespace Sealock.Tests.Serving;

public sealed class WriteTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    private TestServer server = null!; // set before every test

    /// <summary>Bodies sent to create a Secret in the namespace default, and what is wrong with them.</summary>
    public static TheoryData<string, int, string> WrongBodies { get; } = new()
    {
        { "", 400, "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: " },
        { "{", 400, "the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: " },
        { """{"kind":"ConfigMap","apiVersion":"v1"}""", 400, "ConfigMap in version \"v1\" cannot be handled as a Secret: converting (v1.ConfigMap) to (core.Secret): unknown conversion" },
        { """{"kind":"Secret","apiVersion":"v2"}""", 400, "Secret in version \"v2\" cannot be handled as a Secret: no kind \"Secret\" is registered for version \"v2\"" },
        { """{"metadata":{"name":"a","namespace":"other"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request" },
        { """{"metadata":{"name":"a","resourceVersion":"5"}}""", 500, "resourceVersion should not be set on objects to be created" },
        { """{"metadata":{}}""", 422, "Secret \"\" is invalid: metadata.name: Required value: name or generateName is required" },
        { """{"metadata":{"name":"A"}}""", 422, "Secret \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of" },
        { """{"metadata":{"name":"a"},"data":"x"}""", 400, "Secret in version \"v1\" cannot be handled as a Secret: " },
        { """{"metadata":{"name":"exists"}}""", 409, "secrets \"exists\" already exists" },
    };

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync();
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"exists"}}""");
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_wrong_body_is_told_what_is_wrong(string body, int status, string message)
    {
        var answer = await server.SendAsync("POST", Collection, body);

        Assert.Equal(status, answer.Status);
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/v1/secrets", 405)]
    [InlineData("DELETE", "/api/v1/secrets", 405)]
    [InlineData("DELETE", "/api/v1/namespaces", 405)]
    [InlineData("PUT", Collection, 405)]
    [InlineData("POST", Collection + "/exists", 405)]
    [InlineData("POST", "/api/v1/watch/namespaces/default/secrets", 405)]
    [InlineData("TRACE", Collection, 405)]
    [InlineData("GET", "/api/v1/secrets/exists", 404)]
    [InlineData("GET", "/api/v1/namespaces/default/namespaces/x", 404)]
    [InlineData("GET", "/api/v1/widgets", 404)]
    [InlineData("GET", Collection + "/exists/status", 404)]
    [InlineData("GET", Collection + "/exists/status/more", 404)]
    public async Task Addresses_and_methods_that_are_not_served_are_refused(string method, string path, int status) =>
        Assert.Equal(status, (await server.SendAsync(method, path, "{}")).Status);

    [Fact]
    public async Task A_group_that_nobody_serves_gets_a_plain_page()
    {
        var answer = await server.SendAsync("GET", "/apis/widgets.example/v1/widgets");

        Assert.Equal((404, "404 page not found\n"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task An_unknown_form_of_body_is_refused_with_those_that_are_known()
    {
        var answer = await server.SendAsync("POST", Collection, "{}", "application/cbor");

        Assert.Equal(415, answer.Status);
        Assert.Equal(
            "the body of the request was in an unknown format - accepted media types include: "
            + "application/json, application/yaml, application/vnd.kubernetes.protobuf",
            answer.Message);
    }

    [Fact]
    public async Task A_body_may_be_yaml()
    {
        var answer = await server.SendAsync("POST", Collection, "metadata:\n  name: plain\nstringData: {}\n", "application/yaml");

        Assert.Equal((201, "plain"), (answer.Status, answer.Json["metadata"]!["name"]!.ToString()));
    }

    [Theory]
    [InlineData("application/json", "\"{0}\":\"\"")]
    [InlineData("application/yaml", "{0}: ''")]
    public async Task Values_are_bounded_alike_in_json_and_yaml(string mediaType, string entry)
    {
        // The object, its metadata, its name and its map are values too.
        const int most = 50_000 - 4;

        var fits = await server.SendAsync("POST", Collection, Body("fits", most), mediaType);
        var refused = await server.SendAsync("POST", Collection, Body("refused", most + 1), mediaType);

        Assert.Equal((201, 400), (fits.Status, refused.Status));
        Assert.Contains("too many values", refused.Message, StringComparison.Ordinal);

        string Body(string name, int count) => "{\"metadata\":{\"name\":\"" + name + "\"},\"data\":{"
            + string.Join(',', Enumerable.Range(0, count).Select(number => string.Format(CultureInfo.InvariantCulture, entry, $"k{number}"))) + "}}";
    }

    [Fact]
    public async Task An_object_beyond_the_limit_is_too_large()
    {
        var data = new string('A', 4 * 400_000);

        var answer = await server.SendAsync("POST", Collection, $$$$"""{"metadata":{"name":"big"},"data":{"a":"{{{{data}}}}"}}""");

        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task A_generated_name_has_its_prefix_and_five_characters()
    {
        var answer = await server.SendAsync("POST", Collection, """{"metadata":{"generateName":"job-"}}""");

        Assert.Equal(201, answer.Status);
        Assert.Matches("^job-[bcdfghjklmnpqrstvwxz2456789]{5}$", answer.Json["metadata"]!["name"]!.ToString());
    }

    [Fact]
    public async Task A_dry_run_answers_as_if_and_stores_nothing()
    {
        var created = await server.SendAsync("POST", $"{Collection}?dryRun=All", """{"metadata":{"name":"dry"}}""");
        var again = await server.SendAsync("POST", $"{Collection}?dryRun=All", """{"metadata":{"name":"exists"}}""");
        var deleted = await server.SendAsync("DELETE", $"{Collection}/exists?dryRun=All");
        var wrong = await server.SendAsync("POST", $"{Collection}?dryRun=Some", """{"metadata":{"name":"dry"}}""");

        Assert.Equal(201, created.Status);
        Assert.Null(created.Json["metadata"]!["resourceVersion"]);
        Assert.Equal(409, again.Status);
        Assert.Equal(200, deleted.Status);
        Assert.Equal(
            (422, "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\""),
            (wrong.Status, wrong.Message));
        Assert.Equal(404, (await server.SendAsync("GET", $"{Collection}/dry")).Status);
        Assert.Equal(200, (await server.SendAsync("GET", $"{Collection}/exists")).Status);
    }

    [Theory]
    [InlineData("", 201, true)]
    [InlineData("?fieldValidation=Warn", 201, true)]
    [InlineData("?fieldValidation=Ignore", 201, false)]
    [InlineData("?fieldValidation=Strict", 400, false)]
    [InlineData("?fieldValidation=Maybe", 422, false)]
    public async Task Unknown_fields_are_warned_of_ignored_or_refused(string query, int status, bool warns)
    {
        var answer = await server.SendAsync("POST", Collection + query, """{"metadata":{"name":"f"},"colour":"red"}""");

        Assert.Equal(status, answer.Status);
        Assert.Equal(warns ? ["unknown field \"colour\""] : [], answer.Warnings);
        if (status == 400)
            Assert.Equal("Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: unknown field \"colour\"", answer.Message);
    }

    [Fact]
    public async Task Objects_are_created_only_where_their_namespace_is()
    {
        var answer = await server.SendAsync("POST", "/api/v1/namespaces/nowhere/secrets", """{"metadata":{"name":"a"}}""");

        Assert.Equal((404, "namespaces \"nowhere\" not found"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_kind_may_demand_a_version_and_create_on_update()
    {
        var created = await server.SendAsync("PUT", $"{Leases}/l", """{"metadata":{"name":"l"}}""");
        var blind = await server.SendAsync("PUT", $"{Leases}/l", """{"metadata":{"name":"l"},"spec":{"holderIdentity":"x"}}""");

        Assert.Equal(201, created.Status);
        Assert.Equal(
            (422, "leases.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
            (blind.Status, blind.Message));
    }

    [Fact]
    public async Task An_update_keeps_what_only_the_server_sets_and_refuses_another_identity()
    {
        var before = await server.SendAsync("GET", $"{Collection}/exists");
        var after = await server.SendAsync("PUT", $"{Collection}/exists", """{"metadata":{"name":"exists","labels":{"a":"b"}}}""");
        var otherUid = await server.SendAsync("PUT", $"{Collection}/exists", """{"metadata":{"name":"exists","uid":"x"}}""");
        var otherName = await server.SendAsync("PUT", $"{Collection}/exists", """{"metadata":{"name":"other"}}""");
        var missing = await server.SendAsync("PUT", $"{Collection}/missing", """{"metadata":{"name":"missing"}}""");

        Assert.Equal(before.Json["metadata"]!["uid"]!.ToString(), after.Json["metadata"]!["uid"]!.ToString());
        Assert.Equal(before.Json["metadata"]!["creationTimestamp"]!.ToString(), after.Json["metadata"]!["creationTimestamp"]!.ToString());
        Assert.Equal(409, otherUid.Status);
        Assert.Contains("Precondition failed: UID in precondition: x, UID in object meta: ", otherUid.Message, StringComparison.Ordinal);
        Assert.Equal((400, "the name of the object (other) does not match the name on the URL (exists)"), (otherName.Status, otherName.Message));
        Assert.Equal((404, "secrets \"missing\" not found"), (missing.Status, missing.Message));
    }

    [Theory]
    [InlineData("application/json-patch+json", """[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]""")]
    [InlineData("application/merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""")]
    [InlineData("application/strategic-merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""")]
    public async Task Three_kinds_of_patch_change_an_object(string contentType, string patch)
    {
        var answer = await server.SendAsync("PATCH", $"{Collection}/exists", patch, contentType);

        Assert.Equal((200, "b"), (answer.Status, answer.Json["metadata"]!["labels"]!["a"]!.ToString()));
    }

    [Theory]
    [InlineData("application/apply-patch+yaml", "{}", 415)]
    [InlineData("application/json", "{}", 415)]
    [InlineData("", "{}", 415)]
    [InlineData("application/merge-patch+json", "{", 400)]
    [InlineData("application/merge-patch+json", """{"metadata":{"name":"other"}}""", 400)]
    [InlineData("application/merge-patch+json", """{"kind":"Pod"}""", 422)]
    [InlineData("application/merge-patch+json", """{"data":5}""", 422)]
    [InlineData("application/merge-patch+json", """{"metadata":{"resourceVersion":"1"}}""", 409)]
    [InlineData("application/merge-patch+json", """{"metadata":{"uid":"x"}}""", 422)]
    [InlineData("application/json-patch+json", """[{"op":"remove","path":"/data/none"}]""", 422)]
    public async Task A_patch_that_does_not_fit_is_refused(string contentType, string patch, int status) =>
        Assert.Equal(status, (await server.SendAsync("PATCH", $"{Collection}/exists", patch, contentType)).Status);

    [Fact]
    public async Task Patches_at_the_same_time_all_count()
    {
        var patches = Enumerable.Range(0, 40).Select(number => Task.Run(() => server.SendAsync(
            "PATCH",
            $"{Collection}/exists",
            $$$$"""{"metadata":{"labels":{"l{{{{number}}}}":"x"}}}""",
            "application/merge-patch+json")));

        var answers = await Task.WhenAll(patches);

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var labels = (await server.SendAsync("GET", $"{Collection}/exists")).Json["metadata"]!["labels"] as JsonObject;
        Assert.Equal(40, labels!.Count);
    }

    [Fact]
    public async Task Creations_of_one_name_at_the_same_time_succeed_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => server.SendAsync("POST", Collection, """{"metadata":{"name":"race"}}"""))));

        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(19, answers.Count(answer => answer.Status == 409));
    }
}
