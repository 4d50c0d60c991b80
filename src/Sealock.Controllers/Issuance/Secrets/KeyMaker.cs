// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Reconciling;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>
/// Makes keys. What is quick is made at once; RSA keys take up to minutes of a processor each and are made beside the loops, a few at
/// a time, namespace by namespace in turn, so that nobody's long line is another's wait. What is not wanted any more before
/// its turn comes is not made.
/// </summary>
/// <param name="made">Told of each Certificate whose key is there, or could not be made: whoever asked may ask again.</param>
/// <param name="generate">Makes a key; null: <see cref="KeyPair.Generate"/>.</param>
internal sealed class KeyMaker(Action<ObjectKey> made, Func<KeyAlgorithm, KeyPair>? generate = null) : IDisposable
{
    /// <summary>How many keys wait for a namespace. Who comes later has to come again.</summary>
    public const int LongestLine = 1000;

    private const int QuickBits = 3072;

    private readonly Func<KeyAlgorithm, KeyPair> _generate = generate ?? KeyPair.Generate;
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Order> _orders = [];

    // Keys of a second each do not wait behind keys of a minute each.
    private readonly KeyLine _quick = new(LongestLine, Math.Max(1, Environment.ProcessorCount - 1));
    private readonly KeyLine _slow = new(LongestLine, Math.Max(1, Environment.ProcessorCount / 4));

    /// <summary>One Certificate's wish for a key.</summary>
    internal sealed class Order(ObjectKey certificate, string uid, KeyDemand demand)
    {
        public ObjectKey Certificate => certificate;

        public string Uid => uid;

        public KeyDemand Demand => demand;

        /// <summary>The key once it is made, or why it could not be.</summary>
        public Task<KeyPair>? Result { get; set; }
    }

    /// <summary>How many keys were asked for and not yet taken.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return _orders.Count;
        }
    }

    /// <summary>
    /// A new key for a Certificate, which the caller disposes; null while it is being made. One that was asked for before, for
    /// another Certificate of this name or of another kind, is not wanted any more.
    /// </summary>
    public KeyPair? Take(ObjectKey certificate, string uid, KeyDemand demand)
    {
        lock (_gate)
        {
            var order = new Order(certificate, uid, demand);
            if (_orders.TryGetValue(certificate, out var standing) && (standing.Uid, standing.Demand) == (uid, demand))
            {
                if (standing.Result is null)
                    return null;
                _orders.Remove(certificate);
                return standing.Result.GetAwaiter().GetResult();
            }

            Drop(certificate);
            if (demand.Kind == KeyKind.Rsa)
            {
                var line = LineOf(demand);
                if (!line.TryAdd(order))
                    return null;
                _orders[certificate] = order;
                if (line.TryOpen())
                    Task.Factory.StartNew(() => Work(line), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                return null;
            }
        }

        return _generate(demand.Algorithm);
    }

    /// <summary>A Certificate's key is not wanted any more.</summary>
    public void Forget(ObjectKey certificate)
    {
        lock (_gate)
            Drop(certificate);
    }

    /// <summary>Begins no other key; those being made are thrown away.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var certificate in _orders.Keys.ToArray())
                Drop(certificate);
        }
    }

    /// <summary>Whether making a key may take so long that people wonder.</summary>
    public static bool IsSlow(KeyDemand? demand) => demand is { Kind: KeyKind.Rsa, Bits: > QuickBits };

    private KeyLine LineOf(KeyDemand demand) => IsSlow(demand) ? _slow : _quick;

    private void Drop(ObjectKey certificate)
    {
        if (!_orders.Remove(certificate, out var order))
            return;
        LineOf(order.Demand).Remove(order);
        if (order.Result is { IsCompletedSuccessfully: true } result)
            result.Result.Dispose();
    }

    private void Work(KeyLine line)
    {
        while (true)
        {
            Order? order;
            lock (_gate)
            {
                if (!line.TryTake(out order))
                    return;
            }

            var result = Generate(order.Demand.Algorithm);
            lock (_gate)
            {
                if (!_orders.TryGetValue(order.Certificate, out var standing) || !ReferenceEquals(standing, order))
                {
                    if (result.IsCompletedSuccessfully)
                        result.Result.Dispose();
                    continue;
                }

                order.Result = result;
            }

            made(order.Certificate);
        }
    }

    private Task<KeyPair> Generate(KeyAlgorithm algorithm)
    {
        try
        {
            return Task.FromResult(_generate(algorithm));
        }
#pragma warning disable CA1031 // Whoever asks for the key is told.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return Task.FromException<KeyPair>(fault);
        }
    }
}
