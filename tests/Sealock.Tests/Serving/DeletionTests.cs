// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Serving;

namespace Sealock.Tests.Serving;

public sealed class DeletionTests : IAsyncLifetime
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private TestServer server = null!; // set before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task An_object_with_finalizers_goes_when_the_last_of_them_is_removed()
    {
        await CreateAsync("a", "x.dev/one", "x.dev/two");
        var marked = await server.SendAsync("DELETE", $"{Collection}/a");
        var again = await server.SendAsync("DELETE", $"{Collection}/a");
        var one = await FinalizersAsync("a", """["x.dev/two"]""");
        var added = await FinalizersAsync("a", """["x.dev/two","x.dev/three"]""");
        await using var watch = await server.WatchAsync($"{Collection}?watch=1&resourceVersion={one.Version}");
        var last = await FinalizersAsync("a", "[]");

        Assert.Equal("2026-03-01T12:00:00Z", marked.Json["metadata"]!["deletionTimestamp"]!.ToString());
        Assert.Equal(0, marked.Json["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<int>());
        Assert.Equal(marked.Text, again.Text);
        Assert.Equal(200, one.Status);
        Assert.Equal(422, added.Status);
        Assert.Contains("no new finalizers can be added if the object is being deleted", added.Message, StringComparison.Ordinal);
        Assert.Equal(200, last.Status);
        Assert.Equal("DELETED a", await watch.NextShortAsync());
        Assert.Equal(404, (await server.SendAsync("GET", $"{Collection}/a")).Status);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task A_propagation_policy_leaves_its_finalizer(string policy, string finalizer)
    {
        await CreateAsync("a");

        var marked = await server.SendAsync("DELETE", $"{Collection}/a", $$"""{"propagationPolicy":"{{policy}}"}""");

        Assert.Equal(finalizer, marked.Json["metadata"]!["finalizers"]![0]!.ToString());
        Assert.NotNull(marked.Json["metadata"]!["deletionTimestamp"]);
        var background = await server.SendAsync("DELETE", $"{Collection}/a?propagationPolicy=Background");
        Assert.Equal("Success", background.Json["status"]!.ToString());
    }

    [Fact]
    public async Task Preconditions_must_hold()
    {
        var created = await CreateAsync("a");
        var uid = created.Json["metadata"]!["uid"]!.ToString();

        var wrongUid = await server.SendAsync("DELETE", $"{Collection}/a", """{"preconditions":{"uid":"x"}}""");
        var wrongVersion = await server.SendAsync("DELETE", $"{Collection}/a", """{"preconditions":{"resourceVersion":"1"}}""");
        var right = await server.SendAsync(
            "DELETE", $"{Collection}/a", $$$$"""{"preconditions":{"uid":"{{{{uid}}}}","resourceVersion":"{{{{created.Version}}}}"}}""");

        Assert.Equal(
            (409, $"Operation cannot be fulfilled on Secret \"a\": the UID in the precondition (x) does not match the UID in record ({uid}). The object might have been deleted and then recreated"),
            (wrongUid.Status, wrongUid.Message));
        Assert.Equal(409, wrongVersion.Status);
        Assert.Equal(200, right.Status);
    }

    [Theory]
    [InlineData("""{"propagationPolicy":"Later"}""")]
    [InlineData("""{"propagationPolicy":"Orphan","orphanDependents":true}""")]
    [InlineData("""{"dryRun":["Some"]}""")]
    public async Task Options_that_make_no_sense_are_refused(string options)
    {
        await CreateAsync("a");

        Assert.Equal(422, (await server.SendAsync("DELETE", $"{Collection}/a", options)).Status);
        Assert.Equal(200, (await server.SendAsync("GET", $"{Collection}/a")).Status);
    }

    [Fact]
    public async Task A_collection_is_deleted_as_far_as_it_is_selected()
    {
        for (var i = 0; i < 50; i++)
            await CreateAsync($"s{i:d2}");
        await CreateAsync("t", "x.dev/one");

        var selected = await server.SendAsync("DELETE", $"{Collection}?fieldSelector=metadata.name%3Ds07");
        Assert.Equal(["s07"], selected.Names);
        var all = await server.SendAsync("DELETE", Collection);

        Assert.Equal(50, all.Names.Count());
        var left = await server.SendAsync("GET", Collection);
        Assert.Equal(["t"], left.Names);
        Assert.NotNull(left.Json["items"]![0]!["metadata"]!["deletionTimestamp"]);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task Some_namespaces_stay(string name)
    {
        await server.SendAsync("POST", "/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");

        var answer = await server.SendAsync("DELETE", $"/api/v1/namespaces/{name}");

        Assert.Equal(
            (403, $"namespaces \"{name}\" is forbidden: this namespace may not be deleted"), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Nothing_new_is_created_in_a_namespace_that_is_going()
    {
        await server.SendAsync("POST", "/api/v1/namespaces", """{"metadata":{"name":"going","finalizers":["x.dev/one"]}}""");
        await server.SendAsync("DELETE", "/api/v1/namespaces/going");
        await server.SendAsync("GET", "/api/v1/namespaces/going");

        var answer = await server.SendAsync("POST", "/api/v1/namespaces/going/secrets", """{"metadata":{"name":"a"}}""");

        Assert.Equal(
            (403, "secrets \"a\" is forbidden: unable to create new content in namespace going because it is being terminated"),
            (answer.Status, answer.Message));
        Assert.Equal("NamespaceTerminating", answer.Json["details"]!["causes"]![0]!["reason"]!.ToString());
    }

    [Fact]
    public void Finalizers_for_dependents_follow_the_policy_and_others_are_kept()
    {
        var lists = Gen.ListOf(Gen.Elements("orphan", "foregroundDeletion", "a/b", "c/d"))
            .Select(list => list.Distinct().ToList()).ToArbitrary();
        var policies = Gen.Elements("", "Orphan", "Foreground", "Background").ToArbitrary();
        Prop.ForAll(lists, policies, (list, policy) =>
        {
            var after = Deletion.FinalizersAfter(list, new DeleteOptions { PropagationPolicy = policy });
            var again = Deletion.FinalizersAfter(after, new DeleteOptions { PropagationPolicy = policy });
            var own = list.Where(finalizer => finalizer.Contains('/'));
            return own.SequenceEqual(after.Where(finalizer => finalizer.Contains('/')))
                && after.Contains("orphan") == (policy is "Orphan" || (policy.Length == 0 && list.Contains("orphan")))
                && after.Contains("foregroundDeletion") == (policy is "Foreground" || (policy.Length == 0 && list.Contains("foregroundDeletion")))
                && after.SequenceEqual(again);
        }).QuickCheckThrowOnFailure();
    }

    private Task<Answer> CreateAsync(string name, params string[] finalizers) => server.SendAsync(
        "POST",
        Collection,
        $$$$"""{"metadata":{"name":"{{{{name}}}}","finalizers":[{{{{string.Join(',', finalizers.Select(f => $"\"{f}\""))}}}}]}}""");

    private Task<Answer> FinalizersAsync(string name, string finalizers) => server.SendAsync(
        "PATCH", $"{Collection}/{name}", $$$$"""{"metadata":{"finalizers":{{{{finalizers}}}}}}""", "application/merge-patch+json");
}
