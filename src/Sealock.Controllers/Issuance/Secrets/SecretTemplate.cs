// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>
/// Labels and annotations that a Certificate wants on its Secret. The Secret remembers which ones came from the template, so that
/// they go again when the template loses them, and others stay.
/// </summary>
internal sealed record SecretTemplate(IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations)
{
    private const char Separator = ',';

    /// <summary>The template without what is not its to say.</summary>
    public static SecretTemplate Of(SecretTemplateView? view)
    {
        view ??= new();
        return new(Own(view.Labels), Own(view.Annotations));
    }

    public bool IsIn(ObjectMetaView secret) =>
        Labels.All(label => secret.Labels.GetValueOrDefault(label.Key) == label.Value)
        && Annotations.All(annotation => secret.Annotations.GetValueOrDefault(annotation.Key) == annotation.Value)
        && (secret.Annotations.GetValueOrDefault(WellKnown.TemplateKeys) ?? "") == Remembered();

    /// <summary>Adds the template to a patch of the Secret's metadata, and takes out what it has lost.</summary>
    public void AddTo(JsonObject labels, JsonObject annotations, ObjectMetaView? before)
    {
        foreach (var old in (before?.Annotations.GetValueOrDefault(WellKnown.TemplateKeys) ?? "").Split(Separator, StringSplitOptions.RemoveEmptyEntries))
        {
            var target = old.StartsWith("l:", StringComparison.Ordinal) ? labels : annotations;
            if (old.Length > 2 && !target.ContainsKey(old[2..]))
                target[old[2..]] = null;
        }

        foreach (var (name, value) in Labels)
            labels[name] = value;
        foreach (var (name, value) in Annotations)
            annotations[name] = value;
        annotations[WellKnown.TemplateKeys] = Remembered() is { Length: > 0 } text ? text : null;
    }

    private string Remembered() => string.Join(
        Separator, Labels.Keys.Select(name => $"l:{name}").Concat(Annotations.Keys.Select(name => $"a:{name}")).Order(StringComparer.Ordinal));

    private static IReadOnlyDictionary<string, string> Own(IReadOnlyDictionary<string, string> wanted) => wanted.Count == 0
        ? wanted
        : wanted.Where(pair => pair.Key != WellKnown.Attention && !pair.Key.StartsWith("cert-manager.io/", StringComparison.Ordinal)
                && !pair.Key.StartsWith("sealock.dev/", StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);
}
