// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Sealock.Gateway.Addresses;

namespace Sealock.Gateway.Limits;

/// <summary>How many connections each address has open. As large as there are addresses with connections, no larger.</summary>
internal sealed class ConnectionCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AddressKey, int> _open = [];

    /// <summary>How many addresses have connections.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    /// <summary>Counts a connection in, unless there are <paramref name="most"/> already; 0 is no limit.</summary>
    public bool TryEnter(AddressKey address, int most)
    {
        lock (_gate)
        {
            ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, address, out _);
            if (most > 0 && open >= most)
                return false;
            open++;
            return true;
        }
    }

    /// <summary>Counts a connection out that was counted in.</summary>
    public void Leave(AddressKey address)
    {
        lock (_gate)
        {
            ref var open = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, address, out _);
            if (--open <= 0)
                _open.Remove(address);
        }
    }
}
