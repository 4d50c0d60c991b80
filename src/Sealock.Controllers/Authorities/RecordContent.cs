// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>How a record is made, and changed by each move. Each change is one write: a record is never half way.</summary>
internal static class RecordContent
{
    private const string SecretType = "sealock.dev/authority-record";

    /// <summary>
    /// A record of the CA that stands in the issuer's Secret; where certificates of earlier CAs are about, as of one that has
    /// just begun to sign in their place.
    /// </summary>
    public static JsonObject New(
        IssuerView issuer, string @namespace, SourceAuthority source, IReadOnlyList<Certificate> earlier, DateTimeOffset now)
    {
        var phase = earlier.Count > 0 ? RotationPhase.Reissue : RotationPhase.Stable;
        var data = earlier.Count > 0
            ? new JsonObject
            {
                [RecordNames.OldChain] = Base64(earlier[0].ToPem()),
                [RecordNames.OldTrusted] = Base64(Certificate.ToPem(earlier)),
            }
            : Old(source);
        if (earlier.Count > 0)
            AddNew(data, source);
        return new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = RecordNames.Of(issuer),
                ["namespace"] = @namespace,
                ["labels"] = new JsonObject { [RecordNames.Label] = "true" },
                ["annotations"] = Annotations(issuer, phase, now),
                ["ownerReferences"] = OwnedBy(issuer),
            },
            ["type"] = SecretType,
            ["data"] = data,
        };
    }

    /// <summary>Whether a Secret of a record's name is one, and this issuer's.</summary>
    public static bool Belongs(AuthorityRecord record, IssuerView issuer) =>
        record.Metadata.OwnerReferences.Any(owner => owner.Uid == issuer.Metadata.Uid);

    /// <summary>A new CA is to be made known.</summary>
    public static JsonObject Begin(AuthorityRecord record, SourceAuthority source, DateTimeOffset now)
    {
        var old = record.Old ?? throw new InvalidOperationException("a record without a CA has no successor");
        var cross = AuthorityRotation.Between(old, record.OldAuthority, source.Roles, now).Cross;
        var data = new JsonObject();
        AddNew(data, source);
        data[RecordNames.Cross] = cross.Count > 0 ? Base64(Certificate.ToPem(cross)) : null;
        return Change(record, RotationPhase.Trust, now, data);
    }

    /// <summary>The same CA in another form.</summary>
    public static JsonObject Follow(AuthorityRecord record, SourceAuthority source) => Change(record, record.Phase, record.Since, Old(source));

    /// <summary>The new CA is forgotten.</summary>
    public static JsonObject Return(AuthorityRecord record, DateTimeOffset now) => Change(record, RotationPhase.Stable, now, WithoutNew());

    /// <summary>The phase's overlap begins.</summary>
    public static JsonObject Settle(AuthorityRecord record, DateTimeOffset now) => new()
    {
        ["metadata"] = With(record, new JsonObject { [RecordNames.Settled] = Text(now) }),
    };

    public static JsonObject Reissue(AuthorityRecord record, DateTimeOffset now) => Change(record, RotationPhase.Reissue, now, []);

    /// <summary>The old CA signs nothing any more, and its key is not kept.</summary>
    public static JsonObject Withdraw(AuthorityRecord record, DateTimeOffset now) =>
        Change(record, RotationPhase.Withdraw, now, new JsonObject { [RecordNames.OldKey] = null });

    /// <summary>The new CA takes the place of the old one in the record, which <paramref name="whole"/> is.</summary>
    public static JsonObject Finish(AuthorityRecord record, SecretView whole, DateTimeOffset now)
    {
        var data = WithoutNew();
        data[RecordNames.OldChain] = Convert.ToBase64String(whole.Data[RecordNames.NewChain]);
        data[RecordNames.OldKey] = Convert.ToBase64String(whole.Data[RecordNames.NewKey]);
        data[RecordNames.OldTrusted] = Convert.ToBase64String(whole.Data[RecordNames.NewTrusted]);
        return Change(record, RotationPhase.Stable, now, data);
    }

    private static JsonObject Change(AuthorityRecord record, RotationPhase phase, DateTimeOffset since, JsonObject data) => new()
    {
        ["metadata"] = With(record, new JsonObject
        {
            [RecordNames.Phase] = PhaseRules.NameOf(phase),
            [RecordNames.Since] = Text(since),
            [RecordNames.Settled] = null,
        }),
        ["data"] = data,
    };

    private static JsonObject With(AuthorityRecord record, JsonObject annotations)
    {
        var metadata = StatusJson.Precondition(record.Metadata);
        metadata["annotations"] = annotations;
        return metadata;
    }

    private static JsonObject Annotations(IssuerView issuer, RotationPhase phase, DateTimeOffset now) => new()
    {
        [RecordNames.IssuerKind] = issuer.Kind,
        [RecordNames.IssuerName] = issuer.Metadata.Name,
        [RecordNames.Phase] = PhaseRules.NameOf(phase),
        [RecordNames.Since] = Text(now),
    };

    private static JsonArray OwnedBy(IssuerView issuer) => new(new JsonObject
    {
        ["apiVersion"] = IssuanceResources.ApiVersion,
        ["kind"] = issuer.Kind,
        ["name"] = issuer.Metadata.Name,
        ["uid"] = issuer.Metadata.Uid,
    });

    private static JsonObject Old(SourceAuthority source) => new()
    {
        [RecordNames.OldChain] = Base64(Certificate.ToPem(source.Authority.Chain)),
        [RecordNames.OldKey] = Convert.ToBase64String(source.KeyPem),
        [RecordNames.OldTrusted] = Base64(Certificate.ToPem(source.Roles.Trusted)),
    };

    private static void AddNew(JsonObject data, SourceAuthority source)
    {
        data[RecordNames.NewChain] = Base64(Certificate.ToPem(source.Authority.Chain));
        data[RecordNames.NewKey] = Convert.ToBase64String(source.KeyPem);
        data[RecordNames.NewTrusted] = Base64(Certificate.ToPem(source.Roles.Trusted));
    }

    private static JsonObject WithoutNew() => new()
    {
        [RecordNames.NewChain] = null,
        [RecordNames.NewKey] = null,
        [RecordNames.NewTrusted] = null,
        [RecordNames.Cross] = null,
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
