// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Acme.Dns;
using Sealock.Acme.Solvers;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>
/// Leaves the change of records to a solver that somebody installed for cert-manager: a group of the cluster's API
/// (<c>/apis/GROUP/v1alpha1/SOLVER</c>) that takes a ChallengePayload and answers with one.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="webhook">Which solver, and its settings, which nobody else understands.</param>
/// <param name="resourceNamespace">Where the Secrets are that its settings name.</param>
/// <param name="findZone">Finds the zone of a name, or says why not: <see cref="DnsZones.FindAsync"/>.</param>
internal sealed class ClusterWebhookProvider(
    ApiClient client, WebhookSolverView webhook, string resourceNamespace, Func<string, CancellationToken, Task<(string? Zone, string? Fault)>> findZone)
    : IDnsProvider
{
    private const int LongestTold = 500;
    private const string PayloadVersion = "webhook.acme.cert-manager.io/v1alpha1";

    /// <inheritdoc/>
    public Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken) => SendAsync("Present", value, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken) => SendAsync("CleanUp", value, cancellationToken);

    /// <summary>Why a solver cannot be asked for by these names, with the remedy; null where it can.</summary>
    public static string? Refuse(WebhookSolverView webhook) =>
        NameRules.IsDnsSubdomain(webhook.GroupName) && NameRules.IsDnsSubdomain(webhook.SolverName) ? null
            : "the dns01 webhook needs a groupName and a solverName as its installation has them";

    private async Task<string?> SendAsync(string action, TxtValue value, CancellationToken cancellationToken)
    {
        var (zone, fault) = await findZone(value.Name, cancellationToken);
        if (zone is null)
            return fault;
        var payload = new JsonObject
        {
            ["apiVersion"] = PayloadVersion,
            ["kind"] = "ChallengePayload",
            ["request"] = new JsonObject
            {
                ["uid"] = Guid.NewGuid().ToString(),
                ["action"] = action,
                ["type"] = "dns-01",
                ["dnsName"] = value.Domain,
                ["key"] = value.Value,
                ["resourceNamespace"] = resourceNamespace,
                ["resolvedFQDN"] = value.Name + ".",
                ["resolvedZone"] = zone + ".",
                ["allowAmbientCredentials"] = false,
                ["config"] = webhook.Config is { } config ? JsonNode.Parse(config.GetRawText()) : null,
            },
        };
        var who = $"the solver {webhook.SolverName} of {webhook.GroupName}";
        try
        {
            var answer = await client.SendAsync("POST", $"/apis/{webhook.GroupName}/v1alpha1/{webhook.SolverName}", payload, cancellationToken);
            using var document = JsonDocument.Parse(answer);
            if (!document.RootElement.TryGetProperty("response", out var response) || response.ValueKind != JsonValueKind.Object)
                return $"{who} gave no answer to {action} of {value.Name}";
            if (response.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.True)
                return null;
            var why = response.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.Object
                && status.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : "it does not say why";
            why = why.ReplaceLineEndings(" ").Trim();
            return $"{who} refused {action} of {value.Name}: {(why.Length > LongestTold ? why[..LongestTold] : why)}";
        }
        catch (ApiException refused)
        {
            var remedy = refused.Code switch
            {
                403 => $"; allow this controller's service account to create {webhook.SolverName}.{webhook.GroupName}",
                404 => "; install it in the cluster, or give config.url of a web service",
                _ => "",
            };
            return $"{who} cannot be asked: {refused.Message}{remedy}";
        }
        catch (HttpRequestException unsent)
        {
            return $"{who} cannot be asked: {unsent.Message}";
        }
        catch (JsonException)
        {
            return $"{who} answered {action} of {value.Name} with something else than a ChallengePayload";
        }
    }
}
