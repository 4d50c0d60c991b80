// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 Secret: encrypted at rest; its well-known types must hold what programs expect.</summary>
internal static class SecretDefinition
{
    /// <summary>The most bytes in all values together.</summary>
    internal const int MaxBytes = 1024 * 1024;

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Secret",
        Plural = "secrets",
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Secret",
        Encrypted = true,
        SecretFields = ["data", "stringData"],
        Columns = CoreColumns.Secrets,
        SelectableFields = [new("type", o => o.Text("type"))],
        Default = Default,
        Validate = Validate,
    };

    // stringData is for writing only: it overwrites data and is not stored.
    private static void Default(JsonObject value)
    {
        value.Default("type", "Opaque");
        foreach (var (key, text) in value.Map("stringData") ?? [])
        {
            value.Ensure("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsText()));
        }

        value.Remove("stringData");
    }

    private static IEnumerable<FieldError> Validate(ObjectOperation operation) =>
    [
        .. operation.Old is null ? [] : ImmutableFields.Check(operation.Object["type"], operation.Old["type"], new("type")),
        .. ImmutableFields.CheckFrozen(operation, "data"),
        .. DataRules.CheckKeys(operation.Object.Map("data"), new("data")),
        .. CheckSize(operation.Object.Map("data")),
        .. CheckType(operation.Object),
    ];

    private static IEnumerable<FieldError> CheckSize(JsonObject? data) =>
        (data ?? []).Sum(p => DataRules.DecodedLength(p.Value.AsText())) > MaxBytes ? [new FieldPath("data").TooLong(MaxBytes)] : [];

    private static IEnumerable<FieldError> CheckType(JsonObject value)
    {
        var data = value.Map("data") ?? [];
        switch (value.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                const string Account = "kubernetes.io/service-account.name";
                return value.Map("metadata", "annotations").Text(Account).Length == 0
                    ? [new FieldPath("metadata").Child("annotations").Key(Account).Required()] : [];
            case "kubernetes.io/dockercfg":
                return CheckJson(data, ".dockercfg");
            case "kubernetes.io/dockerconfigjson":
                return CheckJson(data, ".dockerconfigjson");
            case "kubernetes.io/basic-auth" when !data.ContainsKey("username") && !data.ContainsKey("password"):
                // The odd path is Kubernetes' own.
                return [new FieldPath("data[%s]").Key("username").Required(), new FieldPath("data[%s]").Key("password").Required()];
            case "kubernetes.io/ssh-auth" when data.Text("ssh-privatekey").Length == 0:
                return [new FieldPath("data[%s]").Key("ssh-privatekey").Required()];
            case "kubernetes.io/tls":
                return ((string[])["tls.crt", "tls.key"]).Where(k => !data.ContainsKey(k))
                    .Select(k => new FieldPath("data").Key(k).Required());
            default:
                return [];
        }
    }

    private static IEnumerable<FieldError> CheckJson(JsonObject data, string key)
    {
        var path = new FieldPath("data").Key(key);
        if (!data.ContainsKey(key))
        {
            return [path.Required()];
        }

        return Malformed(DataRules.Decode(data.Text(key))) is { } wrong
            ? [path.Invalid("<secret contents redacted>", wrong)] : [];
    }

    // Says no more of the content than kube-apiserver does.
    private static string? Malformed(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Object or JsonValueKind.Null => null,
                JsonValueKind.True or JsonValueKind.False => Type("bool"),
                var kind => Type(kind.ToString().ToLowerInvariant()),
            };
        }
        catch (JsonException)
        {
            var text = Encoding.UTF8.GetString(bytes).TrimStart(' ', '\t', '\r', '\n');
            return text.Length == 0 ? "unexpected end of JSON input"
                : "{[\"-0123456789tfn".Contains(text[0], StringComparison.Ordinal) ? "malformed JSON"
                : $"invalid character {Character(text)} looking for beginning of value";
        }

        static string Type(string name) => $"json: cannot unmarshal {name} into Go value of type map[string]interface {{}}";
    }

    private static string Character(string text) => text[0] switch
    {
        '\'' => "'\\''",
        '\\' => "'\\\\'",
        _ => $"'{GoText.Quote(Rune.GetRuneAt(text, 0).ToString())[1..^1]}'",
    };
}
