// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Sealock.Api.Definitions;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Audit;

/// <summary>
/// A kind that is added says which of its fields audit must never record: whatever is named like a secret is declared, or is listed
/// here with the reason why it is none.
/// </summary>
public partial class SecretFieldsTests
{
    private static readonly SchemaCatalog Catalog = SchemaCatalog.Kubernetes.WithSchemasOf(AuditRig.Definitions);

    /// <summary>Resource and path, and why it is no secret.</summary>
    private static readonly (string Where, string Reason)[] Harmless =
    [
        ("configmaps: data", "not for secrets: those who record bodies of ConfigMaps see them whole"),
        ("serviceaccounts: secrets", "names of Secrets"),
        ("nodes: *.*.configMap.kubeletConfigKey", "name of a key in a ConfigMap"),
        ("nodes: *.*.*.configMap.kubeletConfigKey", "name of a key in a ConfigMap"),
        ("pods: spec.volumes", "names of Secrets and paths of files"),
        ("pods: spec.*.*.securityContext.windowsOptions.gmsaCredentialSpec", "names an account and holds no password"),
        ("pods: spec.securityContext.windowsOptions.gmsaCredentialSpec", "names an account and holds no password"),
        ("pods: spec.topologySpreadConstraints", "names of labels"),
        ("certificates.cert-manager.io: spec.keystores.jks.alias", "name of an entry"),
        ("*.cert-manager.io: spec.acme.externalAccountBinding.keyID", "an account's public name"),
        ("*.cert-manager.io: spec.acme.solvers.*.dns01.route53.accessKeyID", "an account's public name"),
        ("*.cert-manager.io: spec.venafi.ngts.tokenEndpoint", "an address"),
        ("*.cert-manager.io: status.acme.lastPrivateKeyHash", "a digest of a key, from which the key does not follow"),
        ("orders.acme.cert-manager.io: status.authorizations.*.challenges.*.token", "ACME shows it to the whole world"),
        ("challenges.acme.cert-manager.io: spec.token", "ACME shows it to the whole world"),
        ("challenges.acme.cert-manager.io: spec.solver.dns01.route53.accessKeyID", "an account's public name"),
        ("*.sealock.dev: spec.authority.keyId", "a CA's public identifier"),
        ("accessrevocations.sealock.dev: spec.publicKeySha256", "the digest of a public key"),
        ("accessrevocations.sealock.dev: spec.credential", "an id that stands in the audit log anyway"),
        ("logintokens.sealock.dev: spec.tokenSHA256", "the digest of 256 random bits, from which the token does not follow"),
    ];

    [Fact]
    public void Every_field_that_is_named_like_a_secret_is_declared_or_known_to_be_none()
    {
        var missing = new List<string>();
        var used = new HashSet<string>();
        foreach (var (resource, schema, declared) in Kinds())
        {
            foreach (var path in Texts(Catalog.Get(schema)).Where(IsNamedLikeASecret).Where(path => !declared.Any(field => Covers(field, path))))
            {
                var where = $"{resource}: {path}";
                if (Harmless.FirstOrDefault(entry => Covers(entry.Where, where)) is { Reason: not null } entry)
                    used.Add(entry.Where);
                else
                    missing.Add(where);
            }
        }

        Assert.True(missing.Count == 0, "declare them in SecretFields of their definitions, or list them here:\n" + string.Join('\n', missing));
        Assert.Empty(Harmless.Select(entry => entry.Where).Except(used));
    }

    [Fact]
    public void Every_declared_field_is_one_of_its_kind()
    {
        foreach (var (resource, schema, declared) in Kinds())
        {
            var paths = Texts(Catalog.Get(schema)).ToList();
            Assert.All(declared, field => Assert.True(paths.Exists(path => Covers(field, path)), $"{resource} has no field {field}"));
        }
    }

    [Fact]
    public void What_is_encrypted_at_rest_is_secret_in_the_audit_log_too() =>
        Assert.All(AuditRig.Definitions.Where(definition => definition.Encrypted), definition => Assert.NotEmpty(definition.SecretFields));

    private static IEnumerable<(string Resource, string Schema, IReadOnlyList<string> Declared)> Kinds()
    {
        foreach (var definition in AuditRig.Definitions)
        {
            var resource = Named(definition);
            yield return (resource, definition.SchemaName, definition.SecretFields);
            foreach (var sub in definition.Subresources.Where(sub => sub.SchemaName is not null))
                yield return ($"{resource}/{sub.Name}", sub.SchemaName!, sub.SecretFields);
        }
    }

    private static string Named(ResourceDefinition definition) =>
        definition.Group.Length == 0 ? definition.Plural : $"{definition.Plural}.{definition.Group}";

    /// <summary>The paths of all values that may hold any text, with a star for every name in a map and every item of a list.</summary>
    private static IEnumerable<string> Texts(SchemaNode schema, string path = "", string inside = "")
    {
        if (schema.Definition is { } definition)
        {
            // A schema that contains itself ends here.
            if (inside.Split(' ').Contains(definition))
                yield break;
            inside += " " + definition;
        }

        switch (schema.Type)
        {
            case SchemaType.Object:
                foreach (var field in schema.Fields.Values.Where(field => path.Length > 0 || field.Name is not ("metadata" or "kind" or "apiVersion")))
                {
                    foreach (var inner in Texts(field.Schema, path.Length == 0 ? field.Name : $"{path}.{field.Name}", inside))
                        yield return inner;
                }

                if (schema.PreservesUnknownFields)
                    yield return path;
                break;
            case SchemaType.Map:
                foreach (var inner in Texts(schema.Values!, path + ".*", inside))
                    yield return inner;
                break;
            case SchemaType.Array:
                foreach (var inner in Texts(schema.Items!, path + ".*", inside))
                    yield return inner;
                break;
            case SchemaType.String when schema.Enum.Count == 0 && schema.Format is not (SchemaFormat.Time or SchemaFormat.MicroTime):
            case SchemaType.Any:
                yield return path;
                break;
        }
    }

    /// <summary>References and selectors say where something stands, not what it is.</summary>
    private static bool IsNamedLikeASecret(string path) => Secret().IsMatch(path) && !Reference().IsMatch(path);

    /// <summary>Whether a pattern names a path, or something that it lies in.</summary>
    private static bool Covers(string pattern, string path)
    {
        var expression = "^" + string.Join("[^.]+", pattern.Split('*').Select(Regex.Escape)) + @"(\.|$)";
        return Regex.IsMatch(path, expression, RegexOptions.CultureInvariant);
    }

    [GeneratedRegex("secret|passw|passphrase|token|credential|private|bearer|apikey|hash|sha256|stringData|^data|key", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"Ref\.|[sS]elector|matchExpressions|matchFields|requirements|affinity|tolerations|annotations|labels|\.(name|key|\w*Name|\w*Namespace|topologyKey)$")]
    private static partial Regex Reference();
}
