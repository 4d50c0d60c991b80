// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.CustomResources;

/// <summary>What became of one CustomResourceDefinition.</summary>
public enum InstallOutcome
{
    /// <summary>It was missing and is there now.</summary>
    Added,

    /// <summary>It was ours and older, and is up to date now.</summary>
    Updated,

    /// <summary>It was ours and is as it should be.</summary>
    Current,

    /// <summary>It belongs to somebody else, serves what is needed, and was left as it is.</summary>
    TakenOver,

    /// <summary>It belongs to somebody else and does not serve the version that is needed.</summary>
    Unsuitable,
}

/// <summary>What became of one CustomResourceDefinition; the message says why it does not serve.</summary>
public sealed record InstallResult(string Name, InstallOutcome Outcome, string Message = "");

/// <summary>
/// Brings the CustomResourceDefinitions of a cluster up to date: missing ones are added, our own are updated, those of
/// others (cert-manager's own, for one) stay as they are. Doing so again changes nothing; several may do so at once.
/// </summary>
/// <param name="client">Acts as whoever may write CustomResourceDefinitions.</param>
/// <param name="time">The clock.</param>
public sealed class CustomResourceInstaller(ApiClient client, TimeProvider time)
{
    private const string Collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const int MaxTries = 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Installs, and waits until every kind is served.</summary>
    /// <exception cref="ApiException">The server refuses, or its version of Kubernetes is too old (1.16 is needed).</exception>
    /// <exception cref="TimeoutException">A kind is not served a minute later; the message says what the server says of it.</exception>
    public async Task<IReadOnlyList<InstallResult>> InstallAsync(
        IEnumerable<ResourceDefinition> definitions, CancellationToken cancellationToken)
    {
        var results = new List<InstallResult>();
        foreach (var definition in definitions)
        {
            var result = await InstallAsync(definition, cancellationToken);
            results.Add(result);
            if (result.Outcome != InstallOutcome.Unsuitable)
                await WaitAsync(definition, cancellationToken);
        }

        return results;
    }

    private async Task<InstallResult> InstallAsync(ResourceDefinition definition, CancellationToken cancellationToken)
    {
        var wanted = CustomResource.Of(definition);
        var name = CustomResource.NameOf(definition);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await FindAsync($"{Collection}/{name}", cancellationToken) is not { } present)
                {
                    await client.SendAsync("POST", Collection, wanted, cancellationToken);
                    return new InstallResult(name, InstallOutcome.Added);
                }

                if (!IsOwn(present))
                    return Judge(definition, name, present);
                if (HashOf(present) == HashOf(wanted))
                    return new InstallResult(name, InstallOutcome.Current);
                var update = wanted.DeepClone().AsObject();
                update["metadata"]!["resourceVersion"] = present.Map("metadata")?["resourceVersion"]?.DeepClone();
                await client.SendAsync("PUT", $"{Collection}/{name}", update, cancellationToken);
                return new InstallResult(name, InstallOutcome.Updated);
            }
            catch (ApiException race) when (race.Code is 409 or 429 or >= 500 && attempt < MaxTries)
            {
                // Someone else was faster, or the server is busy: look again.
                await Task.Delay(Pause * attempt, time, cancellationToken);
            }
        }
    }

    /// <summary>Waits until the kind can be listed: its names are accepted, and discovery knows it.</summary>
    private async Task WaitAsync(ResourceDefinition definition, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var group = await FindAsync($"/apis/{definition.Group}/{definition.Version}", cancellationToken);
            if (group?.Items("resources").Any(resource => resource.Text("name") == definition.Plural) == true)
                return;
            if (time.GetElapsedTime(began) > LongestWait)
                throw new TimeoutException(await WhyNotAsync(definition, cancellationToken));
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<string> WhyNotAsync(ResourceDefinition definition, CancellationToken cancellationToken)
    {
        var name = CustomResource.NameOf(definition);
        var present = await FindAsync($"{Collection}/{name}", cancellationToken);
        var conditions = present?.Map("status")?.Items("conditions") ?? [];
        var words = conditions
            .Where(condition => condition.Text("type") == "NonStructuralSchema" || condition.Text("status") == "False")
            .Select(condition => $"{condition.Text("type")}: {condition.Text("message")}").ToList();
        return $"the CustomResourceDefinition {name} is not served after {LongestWait.TotalSeconds:0} s"
            + (words.Count > 0 ? $" ({string.Join("; ", words)})" : "");
    }

    private async Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.SendAsync("GET", path, null, cancellationToken);
            return JsonNode.Parse(answer.Span) as JsonObject;
        }
        catch (ApiException missing) when (missing.Code == 404)
        {
            return null;
        }
    }

    private static InstallResult Judge(ResourceDefinition definition, string name, JsonObject present)
    {
        var spec = present.Map("spec") ?? [];
        var served = spec.Items("versions").Where(version => version.IsTrue("served")).Select(version => version.Text("name")).ToList();
        return served.Contains(definition.Version)
            ? new InstallResult(name, InstallOutcome.TakenOver)
            : new InstallResult(
                name, InstallOutcome.Unsuitable,
                $"it serves {string.Join(", ", served)}, not {definition.Version}; let its owner update it, or delete it");
    }

    private static bool IsOwn(JsonObject present) =>
        present.Map("metadata")?.Map("labels")?.Text(CustomResource.OwnerLabel) == CustomResource.Owner;

    private static string HashOf(JsonObject definition) =>
        definition.Map("metadata")?.Map("annotations")?.Text(CustomResource.HashAnnotation) ?? "";
}
