// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sealock.Api.Client;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Views;

/// <summary>A resource as discovery describes it.</summary>
internal sealed record ServedResource(
    string Group, string Version, string Plural, string Kind, bool Namespaced, ImmutableArray<string> Verbs)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>plural.group</c>.</summary>
    public string QualifiedName => ApiException.QualifiedResource(Group, Plural);

    public ResourceType<MetadataView> Type => ResourceTypes.Metadata(Group, Version, Plural, Namespaced);

    public bool Serves(params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            if (!Verbs.Contains(verb))
                return false;
        }

        return true;
    }
}

/// <summary>What a server serves: its resources in each group's preferred version, and what could not be read.</summary>
internal sealed record Discovery(ImmutableArray<ServedResource> Resources, ImmutableArray<string> Failures)
{
    /// <summary>Asks a server what it serves; a group that does not answer is reported, not thrown.</summary>
    public static async Task<Discovery> ReadAsync(ApiClient client, CancellationToken cancellationToken)
    {
        var groups = await GetAsync(client, "/apis", ViewJson.Default.ApiGroupListView, cancellationToken);
        string[] versions = ["v1", .. groups.Groups.SelectMany(InOrder)];
        var found = new Dictionary<(string Group, string Plural), ServedResource>();
        var failures = ImmutableArray.CreateBuilder<string>();
        foreach (var groupVersion in versions)
        {
            try
            {
                foreach (var resource in await ResourcesAsync(client, groupVersion, cancellationToken))
                    found.TryAdd((resource.Group, resource.Plural), resource);
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException)
            {
                failures.Add($"{groupVersion}: {fault.Message}");
            }
        }

        return new Discovery([.. found.Values], failures.ToImmutable());
    }

    /// <summary>The resource that serves a kind, or null.</summary>
    public ServedResource? FindKind(string apiVersion, string kind) =>
        Resources.FirstOrDefault(resource => resource.Kind == kind && resource.ApiVersion == apiVersion)
        ?? Resources.FirstOrDefault(resource => resource.Kind == kind && resource.Group == GroupOf(apiVersion));

    private static IEnumerable<string> InOrder(ApiGroupView group) =>
        group.Versions.Select(version => version.GroupVersion).Prepend(group.PreferredVersion.GroupVersion).Distinct()
            .Where(version => version.Length > 0);

    private static async Task<IEnumerable<ServedResource>> ResourcesAsync(
        ApiClient client, string groupVersion, CancellationToken cancellationToken)
    {
        var path = groupVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{groupVersion}" : $"/api/{groupVersion}";
        var list = await GetAsync(client, path, ViewJson.Default.ApiResourceListView, cancellationToken);
        return
            from resource in list.Resources
            where !resource.Name.Contains('/', StringComparison.Ordinal)
            select new ServedResource(
                GroupOf(groupVersion), groupVersion.Split('/')[^1], resource.Name, resource.Kind, resource.Namespaced,
                [.. resource.Verbs]);
    }

    private static string GroupOf(string apiVersion) =>
        apiVersion.Split('/') is [var group, _] ? group : "";

    private static async Task<T> GetAsync<T>(
        ApiClient client, string path, JsonTypeInfo<T> view, CancellationToken cancellationToken)
        where T : class
    {
        var body = await client.SendAsync("GET", path, null, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(body.Span, view) ?? throw new JsonException("null");
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException($"the answer of {path} could not be read: {fault.Message}", fault);
        }
    }
}
