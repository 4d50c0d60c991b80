// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Settings;

/// <summary>Settings with secrets in them: made once, kept, and the same on every API server.</summary>
public static class SecretSettings
{
    /// <summary>EncryptionConfiguration: the key that Secrets are encrypted with in etcd.</summary>
    public const string EncryptionFile = "encryption-config.yaml";

    /// <summary>kube-apiserver's token file.</summary>
    public const string TokenFile = "tokens.csv";

    /// <summary>The content of a secret setting.</summary>
    /// <param name="setting">Which.</param>
    /// <param name="configuration">The cluster.</param>
    /// <param name="kept">
    /// What was made before; null the first time. An encryption configuration stays as it is, whatever was written into it;
    /// of a token file every user's token stays.
    /// </param>
    /// <exception cref="ArgumentException">There is no such setting.</exception>
    public static byte[] Make(SecretSetting setting, ClusterConfiguration configuration, byte[]? kept) => setting.Name switch
    {
        EncryptionFile => kept ?? Encoding.UTF8.GetBytes(NewEncryption()),
        TokenFile => Encoding.UTF8.GetBytes(Tokens(configuration.TokenUsers, kept is null ? "" : Encoding.UTF8.GetString(kept))),
        _ => throw new ArgumentException($"there is no secret setting {setting.Name}", nameof(setting)),
    };

    // secretbox (XSalsa20 and Poly1305) is the provider that every version since 1.7 reads, that notices changed data, and
    // whose nonces are long enough to be random. aescbc can be attacked by changing data, aesgcm wants a new key every
    // 200,000 writes, and kms needs a service. identity comes last, so that what was written in plain before can be read.
    private static string NewEncryption() => YamlWriter.WriteInOrder(new JsonObject
    {
        ["apiVersion"] = "apiserver.config.k8s.io/v1",
        ["kind"] = "EncryptionConfiguration",
        ["resources"] = new JsonArray(new JsonObject
        {
            ["resources"] = new JsonArray(JsonValue.Create("secrets")),
            ["providers"] = new JsonArray(
                new JsonObject
                {
                    ["secretbox"] = new JsonObject
                    {
                        ["keys"] = new JsonArray(new JsonObject
                        {
                            ["name"] = "key1",
                            ["secret"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
                        }),
                    },
                },
                new JsonObject { ["identity"] = new JsonObject() }),
        }),
    });

    /// <summary>Lines of token, user, uid and groups; names were checked to need no quotes.</summary>
    private static string Tokens(IReadOnlyList<TokenUser> users, string kept)
    {
        var tokens = kept.Split('\n').Select(line => line.Split(',')).Where(fields => fields.Length >= 2)
            .ToLookup(fields => fields[1], fields => fields[0]);
        return string.Concat(users.Select(user =>
        {
            var groups = user.Groups.Count == 0 ? "" : $",\"{string.Join(',', user.Groups)}\"";
            return $"{tokens[user.Name].FirstOrDefault() ?? NewToken()},{user.Name},{user.Name}{groups}\n";
        }));
    }

    private static string NewToken() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 43);
}
