// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Setup;

/// <summary>A name that is served for some time after a move.</summary>
/// <param name="Hostname">The name.</param>
/// <param name="Until">Until when.</param>
public readonly record struct PreviousHostname(string Hostname, DateTimeOffset Until);

/// <summary>What a ServerSetup says.</summary>
/// <param name="Hostname">The name by which clients reach the server.</param>
/// <param name="Previous">Names that are served beside it for some time.</param>
public sealed record SetupView(string Hostname, ImmutableArray<PreviousHostname> Previous)
{
    /// <summary>The names to serve at a time, the host name first.</summary>
    public IEnumerable<string> NamesAt(DateTimeOffset now) =>
        Previous.Where(previous => previous.Until > now).Select(previous => previous.Hostname).Prepend(Hostname);

    /// <summary>When the next of the previous names is not to be served any more; null where none is left.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset now) =>
        Previous.Where(previous => previous.Until > now).Select(previous => (DateTimeOffset?)previous.Until).Min();

    /// <summary>Whether another says the same.</summary>
    public bool SaysTheSame(SetupView other) => Hostname == other.Hostname && Previous.SequenceEqual(other.Previous);

    /// <summary>Reads an object leniently.</summary>
    public static SetupView Read(JsonObject setup)
    {
        var spec = setup["spec"] as JsonObject;
        return new(
            JsonFields.Text(spec, "hostname"),
            [
                .. JsonFields.Objects(spec?["previousHostnames"]).Select(previous => new PreviousHostname(
                    JsonFields.Text(previous, "hostname"),
                    DateTimeOffset.TryParse(
                        JsonFields.Text(previous, "until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
                        ? until : DateTimeOffset.MinValue)),
            ]);
    }
}

/// <summary>Whether the server has been set up, as it is stored. Fed from the stored object.</summary>
public sealed class SetupState
{
    private volatile SetupView? _current;

    /// <summary>The set-up; null where there has been none.</summary>
    public SetupView? Current => _current;

    /// <summary>
    /// Called after a change of the host names was stored and before it is acknowledged; must not block.
    /// </summary>
    public event Action? Changed;

    /// <summary>Takes over a change of the stored object.</summary>
    public void Take(Api.Definitions.ObjectChange change)
    {
        if (change.Name != ServerSetupDefinition.ObjectName)
            return;
        var next = change.Object is { } present ? SetupView.Read(present) : null;
        if (next is null ? _current is null : _current?.SaysTheSame(next) == true)
            return;
        _current = next;
        Changed?.Invoke();
    }
}
